"""Other people's catalogs: fetched, their signatures checked, and the last good copy kept."""
