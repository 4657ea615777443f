import type { CSSProperties } from "react";
import { hueOf, initials } from "../format/names.ts";

interface AvatarProps {
  id: string;
  name: string;
  /** Square for groups, so that they differ by more than colour. */
  group?: boolean;
  size?: "small" | "medium" | "large";
  presence?: "online" | "idle" | "offline" | undefined;
}

/** Decoration: the name stands beside it. The presence dot differs in shape as well as in colour. */
export function Avatar({ id, name, group = false, size = "medium", presence }: AvatarProps) {
  return (
    <span
      className={`avatar avatar-${size} ${group ? "avatar-group" : ""}`}
      style={{ "--hue": hueOf(id) } as CSSProperties}
      aria-hidden="true"
    >
      {initials(name)}
      {presence && presence !== "offline" ? <span className={`presence-dot presence-${presence}`} /> : null}
    </span>
  );
}
