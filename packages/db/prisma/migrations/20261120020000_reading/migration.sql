-- What each person has of their own in a conversation. `personal_revision` counts the changes of all that is a person's
-- own, over all of their devices; a row keeps the one that changed it last.
ALTER TABLE `users` ADD COLUMN `personal_revision` INT UNSIGNED NOT NULL DEFAULT 0;

ALTER TABLE `conversation_members`
  -- Marked unread from here on, by the person and for themself alone; the watermarks stay where they are.
  ADD COLUMN `unread_seq` INT UNSIGNED NULL,
  ADD COLUMN `pinned_at` DATETIME(3) NULL,
  ADD COLUMN `archived_at` DATETIME(3) NULL,
  ADD COLUMN `personal_revision` INT UNSIGNED NOT NULL DEFAULT 0;

-- A cleared draft stays as an empty row, so that a device which was away hears of it.
CREATE TABLE `drafts` (
  `user_id` VARCHAR(64) NOT NULL,
  `conversation_id` BIGINT UNSIGNED NOT NULL,
  -- 0: of the conversation itself.
  `thread_root_id` BIGINT UNSIGNED NOT NULL DEFAULT 0,
  `body` TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci NOT NULL,
  `reply_to_id` BIGINT UNSIGNED NULL,
  `revision` INT UNSIGNED NOT NULL,
  `updated_at` DATETIME(3) NOT NULL,
  PRIMARY KEY (`user_id`, `conversation_id`, `thread_root_id`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The counts are the root's own: whoever reads it reads them with it.
ALTER TABLE `messages`
  ADD COLUMN `schema_id` VARCHAR(100) NULL,
  ADD COLUMN `reply_count` INT UNSIGNED NULL,
  ADD COLUMN `last_reply_seq` INT UNSIGNED NULL,
  ADD COLUMN `last_reply_at` DATETIME(3) NULL;

-- The way from a root to its replies, as a table: an index on `messages` would cost every message an entry.
CREATE TABLE `thread_replies` (
  `root_id` BIGINT UNSIGNED NOT NULL,
  `seq` INT UNSIGNED NOT NULL,
  PRIMARY KEY (`root_id`, `seq`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `thread_members` (
  `user_id` VARCHAR(64) NOT NULL,
  `root_id` BIGINT UNSIGNED NOT NULL,
  `conversation_id` BIGINT UNSIGNED NOT NULL,
  -- NULL: has read it, and has not been asked to follow it. FALSE was said by the person and stays.
  `following` BOOLEAN NULL,
  `read_seq` INT UNSIGNED NOT NULL DEFAULT 0,
  PRIMARY KEY (`user_id`, `root_id`),
  INDEX `ix_thread_members_root_id` (`root_id`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What a message said before it was edited; `revision` is the message's own from then.
CREATE TABLE `message_edits` (
  `message_id` BIGINT UNSIGNED NOT NULL,
  `revision` INT UNSIGNED NOT NULL,
  `body` TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci NULL,
  `written_at` DATETIME(3) NOT NULL,
  PRIMARY KEY (`message_id`, `revision`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The words of messages, in a spelling that every server's full-text parser takes alike (search/terms.ts). Filled
-- after commit: a full-text index on `messages` would be paid for by whoever sends.
CREATE TABLE `message_terms` (
  `message_id` BIGINT UNSIGNED NOT NULL,
  `conversation_id` BIGINT UNSIGNED NOT NULL,
  `seq` INT UNSIGNED NOT NULL,
  `terms` TEXT NOT NULL,
  PRIMARY KEY (`message_id`),
  FULLTEXT INDEX `ix_message_terms_terms` (`terms`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- How far each conversation is in `message_terms`.
CREATE TABLE `search_heads` (
  `conversation_id` BIGINT UNSIGNED NOT NULL,
  `revision` INT UNSIGNED NOT NULL DEFAULT 0,
  PRIMARY KEY (`conversation_id`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
