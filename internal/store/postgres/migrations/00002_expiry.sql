-- +goose Up

-- An execution is not removed as long as its key is there.
CREATE INDEX idempotency_keys_by_execution ON idempotency_keys (graph, execution);
