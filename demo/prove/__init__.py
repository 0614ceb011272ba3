"""The prover: random schedules of orders, runs, faults and aborts on the real services, judged from outside."""
