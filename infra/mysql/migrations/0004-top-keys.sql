-- Which keys a worker asks the cache for most, counted by the worker itself: Redis cannot tell without being slowed down.
ALTER TABLE worker_heartbeat
  ADD COLUMN top_keys JSON NULL COMMENT '{windowMs, total, distinct, slots: [[slot, count]], keys: [[key, count]]}' AFTER findings;
