-- Settings of groups, what joiners see, blocks, bans, reports and the audit trail.

ALTER TABLE `conversations`
  -- What somebody who joins may read; fixed when the conversation is made.
  ADD COLUMN `history` ENUM('all', 'joining') NOT NULL DEFAULT 'all',
  ADD COLUMN `announcement` BOOLEAN NOT NULL DEFAULT FALSE,
  ADD COLUMN `slow_mode_seconds` INT UNSIGNED NOT NULL DEFAULT 0;

ALTER TABLE `conversation_members`
  -- Up to here the member sees nothing.
  ADD COLUMN `visible_after_seq` INT UNSIGNED NOT NULL DEFAULT 0,
  -- Of a direct conversation, from `blocks`: the send path reads the member's row anyway.
  ADD COLUMN `blocks_peer` BOOLEAN NOT NULL DEFAULT FALSE,
  ADD COLUMN `blocked_by_peer` BOOLEAN NOT NULL DEFAULT FALSE,
  -- Where the other person saw the watermarks when a block began; NULL: they see them move.
  ADD COLUMN `shown_delivered_seq` INT UNSIGNED NULL,
  ADD COLUMN `shown_read_seq` INT UNSIGNED NULL,
  -- Kept only while slow mode is on.
  ADD COLUMN `last_sent_at` DATETIME(3) NULL;

CREATE TABLE `blocks` (
  `blocker_id` VARCHAR(64) NOT NULL,
  `blocked_id` VARCHAR(64) NOT NULL,
  `created_at` DATETIME(3) NOT NULL,
  PRIMARY KEY (`blocker_id`, `blocked_id`),
  INDEX `ix_blocks_blocked_id` (`blocked_id`, `blocker_id`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `bans` (
  `conversation_id` BIGINT UNSIGNED NOT NULL,
  `user_id` VARCHAR(64) NOT NULL,
  `banned_by` VARCHAR(64) NOT NULL,
  `reason` VARCHAR(500) NULL,
  `created_at` DATETIME(3) NOT NULL,
  `expires_at` DATETIME(3) NULL,
  PRIMARY KEY (`conversation_id`, `user_id`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- `evidence`: the message and up to five on either side, as they were when it was reported.
CREATE TABLE `reports` (
  `id` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  `conversation_id` BIGINT UNSIGNED NOT NULL,
  `message_id` BIGINT UNSIGNED NOT NULL,
  `seq` INT UNSIGNED NOT NULL,
  `reporter_id` VARCHAR(64) NOT NULL,
  -- Who wrote the message.
  `subject_id` VARCHAR(64) NOT NULL,
  `category` ENUM('spam', 'harassment', 'violence', 'sexual', 'illegal', 'other') NOT NULL,
  `comment` VARCHAR(1000) NULL,
  `evidence` JSON NOT NULL,
  `state` ENUM('open', 'resolved', 'dismissed') NOT NULL DEFAULT 'open',
  `created_at` DATETIME(3) NOT NULL,
  `handled_by` VARCHAR(64) NULL,
  `handled_at` DATETIME(3) NULL,
  `note` VARCHAR(1000) NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `ux_reports_message` (`message_id`, `reporter_id`),
  INDEX `ix_reports_conversation` (`conversation_id`, `state`, `id`),
  INDEX `ix_reports_state` (`state`, `id`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What moderators did; only ever added to.
CREATE TABLE `audit_entries` (
  `id` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  `conversation_id` BIGINT UNSIGNED NOT NULL,
  `actor_id` VARCHAR(64) NOT NULL,
  `action` VARCHAR(40) NOT NULL,
  `subject_id` VARCHAR(64) NULL,
  `details` JSON NOT NULL,
  `created_at` DATETIME(3) NOT NULL,
  PRIMARY KEY (`id`),
  INDEX `ix_audit_entries_conversation` (`conversation_id`, `id`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
