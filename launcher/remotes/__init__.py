"""Other people's catalogs: fetched, verified and cached."""
