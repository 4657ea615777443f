export { ChatError, LIMITS } from "@confab/contract";
export {
  createPublisher,
  type Publication,
  type PublishedMessage,
  type Publisher,
  type PublisherOptions,
  type PublishOptions,
  type PublishOutcome,
} from "./publisher.ts";
