"""What proves the trail, without a database and without Django: leaves, trees, seals, receipts, and their verification."""
