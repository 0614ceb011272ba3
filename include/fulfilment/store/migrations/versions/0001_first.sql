-- The store's first schema. Every table carries the site. Times are UTC; quantities ending in _base are base units.
CREATE SCHEMA fulfilment;
CREATE SCHEMA reporting;
SET LOCAL search_path = fulfilment;

CREATE TABLE sales_order (
    site text NOT NULL, order_id text NOT NULL, platform_id text NOT NULL, name text NOT NULL,
    is_draft boolean NOT NULL, is_b2b boolean NOT NULL, placed_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
    payment_method text NOT NULL, payment_state text NOT NULL, payment_word text NOT NULL,
    currency text NOT NULL, total_gross numeric NOT NULL, shipping_net numeric NOT NULL,
    account_id text NOT NULL, account_name text NOT NULL, po_number text NOT NULL, po_required boolean NOT NULL,
    instructions text NOT NULL, requested_on date, shipping_method text NOT NULL, ship_to jsonb NOT NULL,
    cancelled_at timestamptz, held_in_shop boolean NOT NULL, fulfilled_in_shop boolean NOT NULL, problems text[] NOT NULL,
    content_hash text NOT NULL, judged_hash text NOT NULL DEFAULT '', refused_hash text NOT NULL DEFAULT '',
    state text NOT NULL DEFAULT 'placed' CHECK (state IN ('placed', 'held', 'awaiting_stock', 'in_warehouse',
        'partly_shipped', 'fulfilled', 'cancelled', 'not_ours')),
    reason text NOT NULL DEFAULT '', state_since timestamptz NOT NULL,
    ever_held boolean NOT NULL DEFAULT false, ever_released boolean NOT NULL DEFAULT false,
    ever_backordered boolean NOT NULL DEFAULT false,
    status_shown text NOT NULL DEFAULT '',
    first_seen_at timestamptz NOT NULL,
    PRIMARY KEY (site, order_id), UNIQUE (site, platform_id),
    CONSTRAINT a_hold_has_a_reason CHECK (state <> 'held' OR reason <> '')
);
CREATE INDEX sales_order_open ON sales_order (site, placed_at) WHERE state NOT IN ('fulfilled', 'cancelled', 'not_ours');
CREATE INDEX sales_order_name ON sales_order (site, name);
CREATE INDEX sales_order_number ON sales_order (site, ltrim(name, '#'));

CREATE TABLE order_line (
    site text NOT NULL, order_id text NOT NULL, line_id text NOT NULL, position integer NOT NULL,
    sku text NOT NULL, title text NOT NULL, quantity bigint NOT NULL, price numeric NOT NULL,
    proof jsonb, base_sku text, units_per_uom integer CHECK (units_per_uom > 0), refusal text NOT NULL DEFAULT '',
    ordered_base bigint NOT NULL DEFAULT 0 CHECK (ordered_base >= 0),
    held_base bigint NOT NULL DEFAULT 0 CHECK (held_base >= 0),
    released_base bigint NOT NULL DEFAULT 0 CHECK (released_base >= 0),
    backordered_base bigint NOT NULL DEFAULT 0 CHECK (backordered_base >= 0),
    cancelled_base bigint NOT NULL DEFAULT 0 CHECK (cancelled_base >= 0),
    open_base bigint NOT NULL DEFAULT 0 CHECK (open_base >= 0),
    shipped_base bigint NOT NULL DEFAULT 0 CHECK (shipped_base >= 0),
    short_base bigint NOT NULL DEFAULT 0 CHECK (short_base >= 0),
    over_shipped_base bigint NOT NULL DEFAULT 0 CHECK (over_shipped_base >= 0),
    PRIMARY KEY (site, order_id, line_id),
    FOREIGN KEY (site, order_id) REFERENCES sales_order,
    CONSTRAINT ordered_is_conserved CHECK (ordered_base = held_base + released_base + backordered_base + cancelled_base),
    CONSTRAINT released_is_conserved CHECK (released_base = open_base + shipped_base + short_base),
    CONSTRAINT unproven_has_no_base CHECK (proof IS NOT NULL OR ordered_base = 0)
);
CREATE INDEX order_line_demand ON order_line (site, base_sku) WHERE held_base + backordered_base + open_base > 0;

CREATE TABLE credit_account (
    site text NOT NULL, account_id text NOT NULL, credit_limit numeric NOT NULL, balance numeric NOT NULL,
    currency text NOT NULL, on_stop boolean NOT NULL, as_of timestamptz NOT NULL, contains text NOT NULL,
    PRIMARY KEY (site, account_id)
);

CREATE TABLE variant (
    site text NOT NULL, inventory_item_id text NOT NULL, location_id text NOT NULL, variant_id text NOT NULL,
    sku text NOT NULL, title text NOT NULL, pack_size integer,
    shown bigint, shown_at timestamptz NOT NULL,
    wanted bigint, figure bigint, demand bigint, base_sku text, units_per_uom integer,
    wanted_at timestamptz, wanted_as_of timestamptz,
    pushed bigint, pushed_at timestamptz, refused text NOT NULL DEFAULT '',
    PRIMARY KEY (site, inventory_item_id, location_id)
);
CREATE INDEX variant_sku ON variant (site, sku);
CREATE INDEX variant_changed ON variant (site) WHERE wanted IS DISTINCT FROM shown;

CREATE TABLE stock_snapshot (
    snapshot_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site text NOT NULL, warehouse text NOT NULL, as_of timestamptz NOT NULL, taken_at timestamptz NOT NULL,
    levels integer NOT NULL, accepted boolean NOT NULL,
    UNIQUE (site, warehouse, as_of)
);
CREATE TABLE stock_level (
    snapshot_id bigint NOT NULL REFERENCES stock_snapshot ON DELETE CASCADE,
    base_sku text NOT NULL, location text NOT NULL, on_hand bigint NOT NULL,
    PRIMARY KEY (snapshot_id, base_sku, location)
);

CREATE TABLE release_decision (
    decision_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site text NOT NULL, order_id text NOT NULL, decided_at timestamptz NOT NULL, outcome text NOT NULL,
    reason text NOT NULL, policy_version text NOT NULL, rules jsonb NOT NULL, digest text NOT NULL,
    FOREIGN KEY (site, order_id) REFERENCES sales_order
);
CREATE INDEX release_decision_order ON release_decision (site, order_id, decision_id DESC);

CREATE TABLE warehouse_order (
    site text NOT NULL, warehouse text NOT NULL, external_ref text NOT NULL, order_id text NOT NULL,
    revision integer NOT NULL, part integer NOT NULL, content jsonb NOT NULL, content_hash text NOT NULL,
    state text NOT NULL CHECK (state IN ('queued', 'acknowledged', 'rejected')),
    wms_id text NOT NULL DEFAULT '', adopted boolean NOT NULL DEFAULT false, differences text[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL, acknowledged_at timestamptz, checked_at timestamptz,
    PRIMARY KEY (site, warehouse, external_ref), UNIQUE (site, order_id, revision, part),
    FOREIGN KEY (site, order_id) REFERENCES sales_order
);
CREATE INDEX warehouse_order_unchecked ON warehouse_order (site, warehouse) WHERE state = 'acknowledged' AND checked_at IS NULL;
CREATE TABLE warehouse_order_line (
    site text NOT NULL, warehouse text NOT NULL, external_ref text NOT NULL, order_id text NOT NULL, line_id text NOT NULL,
    base_sku text NOT NULL, base_quantity bigint NOT NULL CHECK (base_quantity > 0),
    short_base bigint NOT NULL DEFAULT 0 CHECK (short_base >= 0),
    PRIMARY KEY (site, warehouse, external_ref, line_id),
    FOREIGN KEY (site, warehouse, external_ref) REFERENCES warehouse_order,
    FOREIGN KEY (site, order_id, line_id) REFERENCES order_line
);
CREATE INDEX warehouse_order_line_order ON warehouse_order_line (site, order_id, line_id);

CREATE TABLE shipment (
    site text NOT NULL, warehouse text NOT NULL, shipment_id text NOT NULL, location text NOT NULL,
    dispatched_at timestamptz, picked_at timestamptz, voided boolean NOT NULL, parcels jsonb NOT NULL,
    first_seen_at timestamptz NOT NULL,
    changed_at timestamptz, -- when the goods of it that left changed last
    PRIMARY KEY (site, warehouse, shipment_id)
);
CREATE INDEX shipment_dispatched ON shipment (site, warehouse, dispatched_at);
CREATE TABLE shipment_line (
    site text NOT NULL, warehouse text NOT NULL, shipment_id text NOT NULL, external_ref text NOT NULL,
    line_id text NOT NULL, base_sku text NOT NULL, base_quantity bigint NOT NULL CHECK (base_quantity > 0),
    PRIMARY KEY (site, warehouse, shipment_id, external_ref, line_id),
    FOREIGN KEY (site, warehouse, shipment_id) REFERENCES shipment
);
CREATE INDEX shipment_line_ref ON shipment_line (site, warehouse, external_ref);

-- What must be created remotely exactly once. Writes that converge by themselves (stock, status) need no row here.
CREATE TABLE outbox (
    outbox_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site text NOT NULL, kind text NOT NULL CHECK (kind IN ('warehouse_order', 'fulfilment')), key text NOT NULL,
    order_id text NOT NULL, payload jsonb NOT NULL,
    state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'claimed', 'done', 'refused')),
    attempts integer NOT NULL DEFAULT 0, claimed_until timestamptz, due_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL, done_at timestamptz, remote_id text NOT NULL DEFAULT '', error text NOT NULL DEFAULT '',
    UNIQUE (site, kind, key)
);
CREATE INDEX outbox_due ON outbox (site, kind, outbox_id) WHERE state IN ('queued', 'claimed');
CREATE INDEX outbox_order ON outbox (site, order_id);

CREATE TABLE exception_ticket (
    ticket_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site text NOT NULL, scope text NOT NULL, code text NOT NULL, subject text NOT NULL, order_id text,
    owner text NOT NULL, severity text NOT NULL, evidence jsonb NOT NULL, next_step text NOT NULL,
    opened_at timestamptz NOT NULL, due_at timestamptz NOT NULL, closed_at timestamptz
);
CREATE UNIQUE INDEX one_open_ticket ON exception_ticket (site, code, subject) WHERE closed_at IS NULL;
CREATE INDEX exception_ticket_order ON exception_ticket (site, order_id);

CREATE TABLE order_event (
    event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site text NOT NULL, order_id text NOT NULL, at timestamptz NOT NULL, source text NOT NULL, words text NOT NULL,
    FOREIGN KEY (site, order_id) REFERENCES sales_order
);
CREATE INDEX order_event_order ON order_event (site, order_id, event_id);

CREATE TABLE read_cursor (
    site text NOT NULL, stream text NOT NULL, read_to timestamptz NOT NULL, PRIMARY KEY (site, stream)
);
CREATE TABLE run_clock (
    site text NOT NULL, dag_id text NOT NULL, beat text NOT NULL, good_at timestamptz NOT NULL, figures jsonb NOT NULL,
    PRIMARY KEY (site, dag_id, beat)
);
CREATE TABLE remote_call (
    site text NOT NULL, system text NOT NULL, operation text NOT NULL, outcome text NOT NULL, calls bigint NOT NULL,
    PRIMARY KEY (site, system, operation, outcome)
);

-- The rows that a drift comparison read, kept so that any verdict can be replayed, and the verdicts.
CREATE TABLE drift_evidence (
    site text NOT NULL, cut_off timestamptz NOT NULL, side text NOT NULL CHECK (side IN ('stock_ours', 'stock_shown',
        'lines_ours', 'lines_shown')), row_number integer NOT NULL, content jsonb NOT NULL,
    PRIMARY KEY (site, cut_off, side, row_number)
);
CREATE TABLE drift_report (
    site text NOT NULL, cut_off timestamptz NOT NULL, digest text NOT NULL, headline text NOT NULL,
    counts jsonb NOT NULL, made_at timestamptz NOT NULL, PRIMARY KEY (site, cut_off)
);
CREATE TABLE drift_row (
    site text NOT NULL, cut_off timestamptz NOT NULL, key text NOT NULL, kind text NOT NULL, aspect text NOT NULL,
    sku text NOT NULL, order_id text NOT NULL, line_id text NOT NULL, external_ref text NOT NULL,
    ours bigint, theirs bigint, difference_base bigint, difference_net numeric, currency text NOT NULL,
    cause text NOT NULL, owner text NOT NULL, next_step text NOT NULL, since timestamptz, lines integer NOT NULL,
    PRIMARY KEY (site, cut_off, key), FOREIGN KEY (site, cut_off) REFERENCES drift_report
);

-- The data team's contract: these views stay stable while tables change. Units are base units, instants UTC, and no
-- view holds a person's name, address or e-mail.

-- One row per order: where it is, why, since when, and where its units are.
CREATE VIEW reporting.order_status AS
SELECT o.site, o.order_id, o.platform_id, o.name, o.is_draft, o.placed_at, o.payment_method, o.currency, o.total_gross,
    o.state, o.reason, o.state_since, o.ever_held, o.ever_released, o.ever_backordered,
    l.lines, l.unproven_lines, l.ordered, l.held, l.released, l.backordered, l.cancelled, l.outstanding, l.shipped, l.short,
    l.over_shipped
FROM fulfilment.sales_order o
CROSS JOIN LATERAL (
    SELECT count(*) AS lines, count(*) FILTER (WHERE proof IS NULL) AS unproven_lines,
        coalesce(sum(ordered_base), 0)::bigint AS ordered, coalesce(sum(held_base), 0)::bigint AS held,
        coalesce(sum(released_base), 0)::bigint AS released, coalesce(sum(backordered_base), 0)::bigint AS backordered,
        coalesce(sum(cancelled_base), 0)::bigint AS cancelled, coalesce(sum(open_base), 0)::bigint AS outstanding,
        coalesce(sum(shipped_base), 0)::bigint AS shipped, coalesce(sum(short_base), 0)::bigint AS short,
        coalesce(sum(over_shipped_base), 0)::bigint AS over_shipped
    FROM fulfilment.order_line l WHERE l.site = o.site AND l.order_id = o.order_id) l;

-- One row per matter that somebody must settle now.
CREATE VIEW reporting.open_exception AS
SELECT site, ticket_id, scope, code, subject, order_id, owner, severity, evidence, next_step, opened_at, due_at
FROM fulfilment.exception_ticket WHERE closed_at IS NULL;

-- One row per variant: what the shop shows and should show (in what the variant is), and the base units behind it.
-- figure_as_of is the warehouse reading it was derived from; a null wanted was never derived.
CREATE VIEW reporting.stock_availability AS
SELECT site, sku, base_sku, title, inventory_item_id, location_id, shown, shown_at, wanted, wanted_at,
    wanted_as_of AS figure_as_of, figure AS figure_base, demand AS demand_base, units_per_uom, pushed, pushed_at, refused
FROM fulfilment.variant;

-- One row per fulfilment that was written to the shop, or still is to be.
CREATE VIEW reporting.shipment_post AS
SELECT site, order_id, payload ->> 'shipment_id' AS shipment_id, payload ->> 'carrier' AS carrier,
    payload ->> 'location' AS location, payload -> 'tracking_numbers' AS tracking_numbers, state, attempts,
    remote_id AS fulfilment_id, error AS refusal, created_at, done_at
FROM fulfilment.outbox WHERE kind = 'fulfilment';
