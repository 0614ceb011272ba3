-- What differs in orders, without the quantities that a differing pack factor explains.
SELECT d.* FROM line_differences AS d
WHERE NOT (
    d.kind = 'order_line' AND d.aspect IN ('ordered', 'shipped')
    AND d.sku IN (SELECT sku FROM stock_differences WHERE aspect = 'pack')
)
ORDER BY d.order_id, d.line_id, d.aspect, d.external_ref, d.sku;
