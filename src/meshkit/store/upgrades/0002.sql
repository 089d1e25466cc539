-- What the migration 0002 does, for SQLite; never changed once it was released.
CREATE TABLE requests (
	id TEXT NOT NULL,
	product TEXT NOT NULL,
	version TEXT NOT NULL,
	principal TEXT NOT NULL,
	purpose TEXT NOT NULL,
	column_names TEXT NOT NULL,
	level TEXT NOT NULL,
	until TEXT NOT NULL,
	reason TEXT NOT NULL,
	state TEXT NOT NULL,
	codes TEXT NOT NULL,
	requested_at TEXT NOT NULL,
	first_by TEXT,
	first_at TEXT,
	decided_by TEXT,
	decided_at TEXT,
	decision TEXT,
	revoked_by TEXT,
	revoked_at TEXT,
	revocation TEXT,
	PRIMARY KEY (id)
);

CREATE INDEX ix_requests_principal ON requests (principal, state, until);

CREATE INDEX ix_requests_product ON requests (product, requested_at);

CREATE INDEX ix_requests_state ON requests (state, requested_at);

CREATE TABLE outbox (
	id TEXT NOT NULL,
	request_id TEXT NOT NULL,
	recipient TEXT NOT NULL,
	kind TEXT NOT NULL,
	payload TEXT NOT NULL,
	state TEXT NOT NULL,
	tries BIGINT NOT NULL,
	created_at TEXT NOT NULL,
	next_at TEXT NOT NULL,
	sent_at TEXT,
	error TEXT,
	PRIMARY KEY (id),
	FOREIGN KEY(request_id) REFERENCES requests (id) ON DELETE CASCADE
);

CREATE INDEX ix_outbox_request ON outbox (request_id);

CREATE INDEX ix_outbox_state ON outbox (state, next_at);

UPDATE alembic_version SET version_num = '0002';
