"""The desk: a case open in its investigators' browsers, on this machine alone; every change is in the ledger."""
