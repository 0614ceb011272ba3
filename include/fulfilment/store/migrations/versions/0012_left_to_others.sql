-- Of a line, what the shop showed as fulfilled before anything was released; `quantity` is what is left to send.
SET LOCAL search_path = fulfilment;

ALTER TABLE order_line ADD COLUMN left_to_others integer NOT NULL DEFAULT 0 CHECK (left_to_others >= 0);
