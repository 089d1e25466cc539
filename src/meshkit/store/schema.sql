-- Made from schema.py by `make golden`; what a store of SQLite starts as.
CREATE TABLE audit (
	seq BIGINT NOT NULL,
	at TEXT NOT NULL,
	actor TEXT NOT NULL,
	action TEXT NOT NULL,
	subject TEXT NOT NULL,
	payload TEXT NOT NULL,
	previous TEXT NOT NULL,
	hash TEXT NOT NULL,
	PRIMARY KEY (seq),
	CONSTRAINT uq_audit_previous UNIQUE (previous)
);

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

CREATE TABLE runs (
	id TEXT NOT NULL,
	kind TEXT NOT NULL,
	scope TEXT NOT NULL,
	state TEXT NOT NULL,
	outcome TEXT,
	started TEXT NOT NULL,
	ended TEXT,
	clock TEXT,
	meshkit_version TEXT NOT NULL,
	revision TEXT,
	host TEXT,
	pid BIGINT,
	environment TEXT,
	engine TEXT,
	actor TEXT,
	PRIMARY KEY (id)
);

CREATE INDEX ix_runs_started ON runs (started);

CREATE INDEX ix_runs_state ON runs (state);

CREATE TABLE versions (
	product TEXT NOT NULL,
	published_at TEXT NOT NULL,
	version TEXT NOT NULL,
	since TEXT NOT NULL,
	files TEXT NOT NULL,
	sha256 TEXT NOT NULL,
	published_by TEXT,
	PRIMARY KEY (product, published_at, version)
)
 WITHOUT ROWID;

CREATE TABLE evaluations (
	run_id TEXT NOT NULL,
	position BIGINT NOT NULL,
	product TEXT NOT NULL,
	version TEXT NOT NULL,
	at_point TEXT NOT NULL,
	policy TEXT NOT NULL,
	severity TEXT NOT NULL,
	outcome TEXT NOT NULL,
	message TEXT NOT NULL,
	place TEXT NOT NULL,
	remedy TEXT NOT NULL,
	waiver TEXT,
	PRIMARY KEY (run_id, position),
	FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE INDEX ix_evaluations_product ON evaluations (product);

CREATE TABLE metrics (
	run_id TEXT NOT NULL,
	product TEXT NOT NULL,
	version TEXT NOT NULL,
	table_name TEXT NOT NULL,
	column_name TEXT NOT NULL,
	metric TEXT NOT NULL,
	value DOUBLE,
	detail TEXT,
	PRIMARY KEY (run_id, product, version, table_name, column_name, metric),
	FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

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

CREATE TABLE product_runs (
	run_id TEXT NOT NULL,
	product TEXT NOT NULL,
	version TEXT NOT NULL,
	position BIGINT NOT NULL,
	started TEXT NOT NULL,
	status TEXT,
	owner TEXT,
	table_rows BIGINT,
	outcome TEXT,
	reached BIGINT,
	PRIMARY KEY (run_id, product, version),
	FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE INDEX ix_product_runs_product ON product_runs (product, version, started);

CREATE TABLE verdicts (
	run_id TEXT NOT NULL,
	product TEXT NOT NULL,
	version TEXT NOT NULL,
	check_id TEXT NOT NULL,
	position BIGINT NOT NULL,
	kind TEXT NOT NULL,
	table_name TEXT NOT NULL,
	column_name TEXT,
	severity TEXT NOT NULL,
	outcome TEXT NOT NULL,
	bad BIGINT,
	total BIGINT,
	value DOUBLE,
	unit TEXT NOT NULL,
	threshold TEXT NOT NULL,
	message TEXT NOT NULL,
	place TEXT NOT NULL,
	definition TEXT,
	PRIMARY KEY (run_id, product, version, check_id),
	FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE TRIGGER audit_refuses_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

CREATE TRIGGER audit_refuses_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

CREATE TRIGGER audit_refuses_replace BEFORE INSERT ON audit
WHEN NEW.seq <= (SELECT coalesce(max(seq), 0) FROM audit)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

INSERT INTO alembic_version (version_num) VALUES ('0002');
