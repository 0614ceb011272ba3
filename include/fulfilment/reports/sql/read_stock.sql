-- What differs in stock, one row per shop and SKU; a SKU whose factor differs says how many order lines wait for it.
WITH waiting AS (
    SELECT sku, count(DISTINCT (order_id, line_id)) AS lines FROM line_differences WHERE kind = 'order_line' AND aspect IN ('ordered', 'shipped') GROUP BY sku
)
SELECT d.* REPLACE (CASE WHEN d.aspect = 'pack' THEN 1 + coalesce(w.lines, 0) ELSE 1 END AS lines),
    NULL::DECIMAL(18, 4) AS difference_net
FROM stock_differences AS d LEFT JOIN waiting AS w USING (sku)
ORDER BY d.storefront, d.sku;
