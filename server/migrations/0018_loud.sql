-- Two secrets at a time for what a destination calls back with; until when the old one counts stands with the destination.
ALTER TABLE hooks ADD COLUMN sealed_old_secret TEXT;

-- The whole address of a webhook, which may be its password; what stands in its place is a mask. Rows from before are
-- sealed at the next start.
ALTER TABLE destinations ADD COLUMN sealed_address TEXT;
