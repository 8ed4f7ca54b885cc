-- What becomes of a record that cannot be handled: the ladder, the dead letters, and the operator's decisions.

-- Written by the projector before it publishes to a rung or to the DLQ: what stands here without a processed_event is in
-- retry or dead, never lost. One row a delivery; a redelivery of the same offset overwrites it.
CREATE TABLE delivery_failure (
  consumer      VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  topic         VARCHAR(249) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  partition_id  INT NOT NULL,
  record_offset BIGINT NOT NULL,
  dedup_key     VARCHAR(96) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'NULL: neither decodable nor in its headers',
  attempt       INT NOT NULL COMMENT '1 for the first delivery of the event',
  rung          VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'where it went: retry.5s, retry.1m, dlq',
  class         VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  exception     VARCHAR(120) NOT NULL,
  message       VARCHAR(500) NOT NULL,
  due_at        DATETIME(6) NULL COMMENT 'NULL: no further attempt, it is a dead letter',
  failed_at     DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  settled_at    DATETIME(6) NULL COMMENT 'what became of it is known: handled since, failed again, or dead; NULL: on the ladder',
  PRIMARY KEY (consumer, topic, partition_id, record_offset),
  KEY by_dedup_key (dedup_key),
  KEY on_ladder (settled_at, due_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Dead letters, indexed from the DLQ topic. One row an origin offset: a crash may publish a dead letter twice.
CREATE TABLE dlq_event (
  id               BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  topic            VARCHAR(249) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'the DLQ',
  partition_id     INT NOT NULL,
  record_offset    BIGINT NOT NULL COMMENT 'of the newest copy in the DLQ',
  origin_topic     VARCHAR(249) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  origin_partition INT NOT NULL,
  origin_offset    BIGINT NOT NULL,
  copies           INT NOT NULL DEFAULT 1,
  dedup_key        VARCHAR(96) CHARACTER SET ascii COLLATE ascii_bin NULL,
  event_id         VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  event_type       VARCHAR(64) NULL,
  record_key       VARCHAR(96) NULL COMMENT 'the account id where it is one of ours',
  consumer         VARCHAR(64) NULL COMMENT 'who could not handle it',
  attempt          INT NOT NULL,
  class            VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  rule             VARCHAR(64) NOT NULL COMMENT 'the rule that decided the class',
  exception        VARCHAR(120) NOT NULL,
  message          VARCHAR(500) NOT NULL,
  fingerprint      CHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'of class, exception and event type',
  value_bytes      INT NOT NULL,
  failed_at        DATETIME(6) NULL COMMENT 'by the consumer that gave it up',
  dead_at          DATETIME(6) NOT NULL COMMENT 'timestamp of the record in the DLQ',
  indexed_at       DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  UNIQUE KEY by_origin (origin_topic, origin_partition, origin_offset),
  KEY by_fingerprint (fingerprint, id),
  KEY by_class (class, id),
  KEY by_dedup_key (dedup_key),
  KEY by_indexed (indexed_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Offsets that a consumer keeps beside its effects, in the same transaction: exactly once, whatever its group committed.
CREATE TABLE consumer_offset (
  consumer     VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  topic        VARCHAR(249) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  partition_id INT NOT NULL,
  next_offset  BIGINT NOT NULL,
  updated_at   DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (consumer, topic, partition_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Faults that live in a worker; each worker reads them once a second. An expired row is as good as none.
CREATE TABLE lab_switch (
  name       VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  value      VARCHAR(200) NOT NULL,
  expires_at DATETIME(6) NULL COMMENT 'NULL: until it is removed',
  set_at     DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

ALTER TABLE outbox_event
  MODIFY status ENUM('PENDING', 'SENT', 'DEAD', 'SKIPPED') NOT NULL DEFAULT 'PENDING'
    COMMENT 'SKIPPED: an operator decided that it is never sent';

-- What operators decided about rows that hold their key: who, why, from which state.
CREATE TABLE outbox_audit (
  id          BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  outbox_id   BIGINT NOT NULL,
  dedup_key   VARCHAR(96) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  action      ENUM('retry', 'skip') NOT NULL,
  from_status ENUM('PENDING', 'DEAD') NOT NULL,
  attempts    INT NOT NULL,
  last_error  VARCHAR(500) NULL,
  actor       VARCHAR(96) NOT NULL,
  reason      VARCHAR(500) NOT NULL,
  acted_at    DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  KEY by_outbox_id (outbox_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
