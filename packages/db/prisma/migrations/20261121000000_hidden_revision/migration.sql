-- The person's own revision (`users.personal_revision`) at which they hid it, by which a device that was away hears of
-- it. 0: nothing to tell, for it was never shown (what a blocked person says), or hidden before this column was.
ALTER TABLE `hidden_messages`
  ADD COLUMN `revision` INT UNSIGNED NOT NULL DEFAULT 0,
  ADD INDEX `ix_hidden_messages_revision` (`user_id`, `revision`);
