"""What every sandbox of a warehouse has behind its wire format: orders, stock, shipments, and the staff who work there.

All quantities are base units. What a dialect keeps of its own stands in `given`, on the order and on its lines.
"""
