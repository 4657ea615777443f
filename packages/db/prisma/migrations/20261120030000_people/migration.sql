-- What people say of themselves, whether they may be disturbed, and who may see their presence.
ALTER TABLE `users`
  ADD COLUMN `status_text` VARCHAR(100) NULL,
  ADD COLUMN `status_emoji` VARCHAR(32) NULL,
  ADD COLUMN `status_expires_at` DATETIME(3) NULL,
  ADD COLUMN `dnd_until` DATETIME(3) NULL,
  ADD COLUMN `presence_privacy` ENUM('everyone', 'shared', 'nobody') NOT NULL DEFAULT 'shared',
  -- Rises with every change of the above: of two announcements the one with the higher version is the later.
  ADD COLUMN `status_version` INT UNSIGNED NOT NULL DEFAULT 0;
