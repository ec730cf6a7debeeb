"""The case folder, intake, decisions, the ledger and the build."""
