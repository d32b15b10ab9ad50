-- +goose Up

-- The audit log: what is in it stays as it is. Who appends gives the numbers,
-- which have no gaps.
CREATE TABLE audit (
    number  bigint PRIMARY KEY CHECK (number > 0),
    hash    bytea  NOT NULL CHECK (octet_length(hash) = 32),
    at      bigint NOT NULL,
    stage   text   NOT NULL,
    of      bigint NOT NULL,
    action  text   NOT NULL,
    "user"  text   COLLATE "C" NOT NULL,
    access  text   NOT NULL,
    project text   COLLATE "C" NOT NULL,
    object  text   COLLATE "C" NOT NULL,
    detail  text   NOT NULL,
    address text   NOT NULL,
    request text   NOT NULL,
    status  bigint NOT NULL,
    code    text   NOT NULL,
    "left"  bigint NOT NULL
);

CREATE INDEX audit_by_object ON audit (object, number);
CREATE INDEX audit_by_user ON audit ("user", number);
CREATE INDEX audit_by_project ON audit (project, number);

-- +goose StatementBegin
CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is not changed, and nothing is removed from it';
END
$$;
-- +goose StatementEnd

CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();
