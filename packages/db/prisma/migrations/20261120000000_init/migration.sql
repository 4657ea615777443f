-- MySQL 8 and MariaDB >= 10.6. Ids compare by bytes; text is utf8mb4; all times are UTC.

-- Ids are handed out in blocks: a process takes a range with one UPDATE, so minting costs no round trip.
CREATE TABLE `id_blocks` (
  `name` VARCHAR(32) NOT NULL,
  `next_id` BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (`name`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

INSERT INTO `id_blocks` (`name`, `next_id`) VALUES ('user', 1001), ('conversation', 1001), ('message', 1001);

CREATE TABLE `users` (
  `id` VARCHAR(64) NOT NULL,
  `username` VARCHAR(32) NULL,
  `email` VARCHAR(254) NULL,
  `password_hash` VARCHAR(255) NULL,
  `display_name` VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci NOT NULL,
  `avatar_url` VARCHAR(2048) NULL,
  `kind` ENUM('human', 'bot', 'service') NOT NULL DEFAULT 'human',
  `created_at` DATETIME(3) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `ux_users_username` (`username`),
  UNIQUE INDEX `ux_users_email` (`email`),
  INDEX `ix_users_display_name` (`display_name`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- One row per session; `token_hash` is the refresh token that is good now, `previous_hash` the one it replaced.
CREATE TABLE `refresh_tokens` (
  `family_id` CHAR(36) NOT NULL,
  `user_id` VARCHAR(64) NOT NULL,
  `token_hash` BINARY(32) NOT NULL,
  `previous_hash` BINARY(32) NULL,
  `rotated_at` DATETIME(3) NOT NULL,
  `created_at` DATETIME(3) NOT NULL,
  `expires_at` DATETIME(3) NOT NULL,
  `revoked_at` DATETIME(3) NULL,
  PRIMARY KEY (`family_id`),
  INDEX `ix_refresh_tokens_user_id` (`user_id`),
  INDEX `ix_refresh_tokens_expires_at` (`expires_at`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `service_tokens` (
  `id` VARCHAR(32) NOT NULL,
  `name` VARCHAR(100) NOT NULL,
  `user_id` VARCHAR(64) NOT NULL,
  `secret_hash` BINARY(32) NOT NULL,
  `scopes` JSON NOT NULL,
  `created_at` DATETIME(3) NOT NULL,
  `expires_at` DATETIME(3) NULL,
  `revoked_at` DATETIME(3) NULL,
  PRIMARY KEY (`id`),
  INDEX `ix_service_tokens_user_id` (`user_id`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `conversations` (
  `id` BIGINT UNSIGNED NOT NULL,
  `kind` ENUM('direct', 'group') NOT NULL,
  -- The two user ids of a direct conversation, sorted, with a space between.
  `direct_key` VARCHAR(129) NULL,
  `title` VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci NULL,
  `avatar_url` VARCHAR(2048) NULL,
  `settings` JSON NOT NULL,
  `encrypted` BOOLEAN NOT NULL DEFAULT FALSE,
  `last_seq` INT UNSIGNED NOT NULL DEFAULT 0,
  `revision` INT UNSIGNED NOT NULL DEFAULT 0,
  `created_by` VARCHAR(64) NOT NULL,
  `created_at` DATETIME(3) NOT NULL,
  `last_message_at` DATETIME(3) NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `ux_conversations_direct_key` (`direct_key`),
  INDEX `ix_conversations_last_message_at` (`last_message_at`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `conversation_members` (
  `conversation_id` BIGINT UNSIGNED NOT NULL,
  `user_id` VARCHAR(64) NOT NULL,
  `role` ENUM('admin', 'moderator', 'member') NOT NULL DEFAULT 'member',
  -- The head when the member joined: what came before is not theirs to count.
  `joined_seq` INT UNSIGNED NOT NULL DEFAULT 0,
  `joined_at` DATETIME(3) NOT NULL,
  `left_at` DATETIME(3) NULL,
  `delivered_seq` INT UNSIGNED NOT NULL DEFAULT 0,
  `read_seq` INT UNSIGNED NOT NULL DEFAULT 0,
  `notified_seq` INT UNSIGNED NOT NULL DEFAULT 0,
  `muted_until` DATETIME(3) NULL,
  PRIMARY KEY (`conversation_id`, `user_id`),
  INDEX `ix_conversation_members_user_id` (`user_id`, `conversation_id`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `messages` (
  `conversation_id` BIGINT UNSIGNED NOT NULL,
  `seq` INT UNSIGNED NOT NULL,
  `id` BIGINT UNSIGNED NOT NULL,
  `sender_id` VARCHAR(64) NOT NULL,
  -- The client's UUID, or one derived from an Idempotency-Key: a sender uses each once, for ever.
  `dedupe` BINARY(16) NOT NULL,
  `kind` ENUM('text', 'image', 'file', 'voice', 'code', 'system', 'sealed', 'custom') NOT NULL,
  `body` TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci NULL,
  `metadata` JSON NULL,
  `mentions` JSON NULL,
  `reply_to_id` BIGINT UNSIGNED NULL,
  `thread_root_id` BIGINT UNSIGNED NULL,
  `revision` INT UNSIGNED NOT NULL,
  `created_at` DATETIME(3) NOT NULL,
  `edited_at` DATETIME(3) NULL,
  `deleted_at` DATETIME(3) NULL,
  `pinned_at` DATETIME(3) NULL,
  PRIMARY KEY (`conversation_id`, `seq`),
  UNIQUE INDEX `ux_messages_id` (`id`),
  UNIQUE INDEX `ux_messages_dedupe` (`sender_id`, `dedupe`),
  INDEX `ix_messages_revision` (`conversation_id`, `revision`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `reactions` (
  `message_id` BIGINT UNSIGNED NOT NULL,
  `emoji` VARCHAR(32) NOT NULL,
  `user_id` VARCHAR(64) NOT NULL,
  `created_at` DATETIME(3) NOT NULL,
  PRIMARY KEY (`message_id`, `emoji`, `user_id`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- "Delete for me".
CREATE TABLE `hidden_messages` (
  `user_id` VARCHAR(64) NOT NULL,
  `conversation_id` BIGINT UNSIGNED NOT NULL,
  `seq` INT UNSIGNED NOT NULL,
  `hidden_at` DATETIME(3) NOT NULL,
  PRIMARY KEY (`user_id`, `conversation_id`, `seq`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `user_presence` (
  `user_id` VARCHAR(64) NOT NULL,
  `status` ENUM('online', 'idle', 'offline') NOT NULL,
  `last_seen_at` DATETIME(3) NOT NULL,
  `version` BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (`user_id`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- One row per effect of a delivery; the range starts where the last one ended, so it cannot be written twice.
CREATE TABLE `notifications` (
  `id` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  `user_id` VARCHAR(64) NOT NULL,
  `conversation_id` BIGINT UNSIGNED NOT NULL,
  `from_seq` INT UNSIGNED NOT NULL,
  `to_seq` INT UNSIGNED NOT NULL,
  `created_at` DATETIME(3) NOT NULL,
  `pushed_at` DATETIME(3) NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `ux_notifications_range` (`user_id`, `conversation_id`, `from_seq`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
