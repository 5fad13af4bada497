"""The thread store: tables, migrations, and what readers may see and do."""
