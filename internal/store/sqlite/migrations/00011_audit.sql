-- +goose Up

-- The audit log: what is in it stays as it is. AUTOINCREMENT is not for numbers
-- without gaps, so they are given by who appends.
CREATE TABLE audit (
    number  INTEGER PRIMARY KEY CHECK (number > 0),
    hash    BLOB    NOT NULL CHECK (length(hash) = 32),
    at      INTEGER NOT NULL,
    stage   TEXT    NOT NULL,
    of      INTEGER NOT NULL,
    action  TEXT    NOT NULL,
    user    TEXT    NOT NULL,
    access  TEXT    NOT NULL,
    project TEXT    NOT NULL,
    object  TEXT    NOT NULL,
    detail  TEXT    NOT NULL,
    address TEXT    NOT NULL,
    request TEXT    NOT NULL,
    status  INTEGER NOT NULL,
    code    TEXT    NOT NULL,
    left    INTEGER NOT NULL
) STRICT;

CREATE INDEX audit_by_object ON audit (object, number);
CREATE INDEX audit_by_user ON audit (user, number);
CREATE INDEX audit_by_project ON audit (project, number);

-- +goose StatementBegin
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is not changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_is_not_removed BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'nothing is removed from the audit log');
END;
-- +goose StatementEnd

-- REPLACE would remove a record without asking the trigger above.
-- +goose StatementBegin
CREATE TRIGGER audit_only_grows BEFORE INSERT ON audit
WHEN new.number <> (SELECT coalesce(max(number), 0) + 1 FROM audit)
BEGIN
    SELECT RAISE(ABORT, 'the audit log only grows');
END;
-- +goose StatementEnd
