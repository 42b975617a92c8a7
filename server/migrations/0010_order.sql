-- Nothing is sent to a destination before then: its last attempt failed, and what waits there keeps its order.
ALTER TABLE destinations ADD COLUMN not_before BIGINT NOT NULL DEFAULT 0;
-- When somebody asked last for something to be sent there at once: an attempt that had begun before delays nothing.
ALTER TABLE destinations ADD COLUMN asked_at BIGINT NOT NULL DEFAULT 0;
-- When others were told last that it is failing.
ALTER TABLE destinations ADD COLUMN told_failing_at BIGINT;

CREATE INDEX deliveries_in_order ON deliveries (destination_id, asked DESC, created_at, id) WHERE state = 'waiting';
CREATE INDEX used_links_by_age ON used_links (used_at);
-- When the next one is due is asked for each destination now.
DROP INDEX deliveries_due;
