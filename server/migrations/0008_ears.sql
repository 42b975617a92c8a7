-- Each try of a drill's call has a mark of its own: the record of a try whose answer got lost is known by it, too.
CREATE TABLE drill_marks (
    mark     TEXT PRIMARY KEY,                   -- stands in the call's user agent
    drill_id TEXT NOT NULL REFERENCES drills (id),
    token_id TEXT NOT NULL REFERENCES tokens (id),
    made_at  BIGINT NOT NULL,                    -- right before the call
    event_id TEXT                                -- the event that was heard with it: no other one is taken for it
);
INSERT INTO drill_marks (mark, drill_id, token_id, made_at, event_id)
    SELECT mark, id, token_id, COALESCE(called_at, asked_at), event_id FROM drills WHERE mark <> '';
CREATE INDEX drill_marks_of_token ON drill_marks (token_id, made_at);
CREATE INDEX drill_marks_by_event ON drill_marks (event_id, token_id) WHERE event_id IS NOT NULL;

-- The latest one in a region, for the health page.
CREATE INDEX drills_by_region ON drills (region, id);
