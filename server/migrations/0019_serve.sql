-- Which destination is to be served next: the one that was not served for the longest time.
CREATE INDEX destinations_to_serve ON destinations (leased_until, id) WHERE removed_at IS NULL;
