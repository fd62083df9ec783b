"""What the people's door does: gather from the rooms, decide, carry out; no typer and no rich here."""
