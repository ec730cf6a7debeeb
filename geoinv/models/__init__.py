"""What is built from both: solids, rays, renders, sheets, formats."""
