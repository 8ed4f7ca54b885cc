-- The money system under test. Names of people's tables are singular; money is BIGINT minor units.

CREATE TABLE account (
  account_id  BIGINT NOT NULL PRIMARY KEY,
  balance     BIGINT NOT NULL DEFAULT 0,
  account_seq BIGINT NOT NULL DEFAULT 0 COMMENT 'of the last ledger leg; no gaps',
  created_at  DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE ledger_entry (
  entry_id    BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  tx_id       VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  account_id  BIGINT NOT NULL,
  account_seq BIGINT NOT NULL,
  delta       BIGINT NOT NULL,
  created_at  DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  UNIQUE KEY by_tx (tx_id, account_id),
  UNIQUE KEY by_account (account_id, account_seq)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE outbox_event (
  id              BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  event_id        CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  dedup_key       VARCHAR(96) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  event_type      VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  account_id      BIGINT NOT NULL COMMENT 'the record key, and what order is kept by',
  shard           TINYINT GENERATED ALWAYS AS (MOD(account_id, 8)) STORED NOT NULL COMMENT 'each is owned by one relay',
  payload         JSON NOT NULL,
  status          ENUM('PENDING', 'SENT', 'DEAD') NOT NULL DEFAULT 'PENDING',
  attempts        INT NOT NULL DEFAULT 0 COMMENT 'failures that were the row''s own fault',
  next_attempt_at DATETIME(6) NULL COMMENT 'holds back later rows of the same key until then',
  last_error      VARCHAR(500) NULL,
  created_at      DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  sent_at         DATETIME(6) NULL,
  sent_partition  INT NULL,
  sent_offset     BIGINT NULL,
  UNIQUE KEY by_dedup_key (dedup_key),
  KEY claim (shard, status, id),
  KEY held (shard, status, next_attempt_at),
  KEY by_created (created_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE processed_event (
  consumer      VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  dedup_key     VARCHAR(96) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  outcome       ENUM('applied', 'folded') NOT NULL,
  topic         VARCHAR(249) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  partition_id  INT NOT NULL,
  record_offset BIGINT NOT NULL,
  processed_at  DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (consumer, dedup_key)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE account_projection (
  account_id    BIGINT NOT NULL PRIMARY KEY,
  balance       BIGINT NOT NULL,
  version       BIGINT NOT NULL COMMENT 'highest account_seq seen: orders, never guards',
  applied_count BIGINT NOT NULL COMMENT '= version: complete; less: some missing; more: doubled',
  folded_seq    BIGINT NOT NULL DEFAULT 0 COMMENT 'backfill folded every leg up to here into balance',
  updated_at    DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- The projector's append-only journal. No unique key, on purpose: it must be able to show a doubled effect.
CREATE TABLE applied_effect (
  id            BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  dedup_key     VARCHAR(96) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  account_id    BIGINT NOT NULL,
  account_seq   BIGINT NOT NULL,
  delta         BIGINT NOT NULL,
  partition_id  INT NOT NULL,
  record_offset BIGINT NOT NULL,
  applied_at    DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  KEY by_dedup_key (dedup_key),
  KEY by_account (account_id, account_seq),
  KEY by_applied (applied_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE lease (
  name          VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  owner         VARCHAR(96) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  connection_id BIGINT NOT NULL COMMENT 'killed on takeover, so a frozen owner cannot write when it wakes',
  epoch         BIGINT NOT NULL COMMENT 'fencing epoch: raised at each change of owner',
  expires_at    DATETIME(6) NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE worker_heartbeat (
  worker        VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  pid           INT NOT NULL,
  process_start VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  mode          VARCHAR(200) NOT NULL,
  counters      JSON NOT NULL,
  findings      JSON NOT NULL COMMENT 'why the worker, or a partition of it, stands still: [{key, message}]',
  beat_at       DATETIME(6) NOT NULL,
  PRIMARY KEY (worker, pid, process_start)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
