-- Where old rows of processed_event go, so that what was deduped long ago can still be told from what never was.
CREATE TABLE processed_event_archive LIKE processed_event;
