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

/** Decoration, so the initials come from the style sheet and are nobody's text: the name stands beside it. The presence dot differs in shape as well as in colour. */
export function Avatar({ id, name, group = false, size = "medium", presence }: AvatarProps) {
  return (
    <span
      className={`avatar avatar-${size} ${group ? "avatar-group" : ""}`}
      style={{ "--hue": hueOf(id) } as CSSProperties}
      data-initials={initials(name)}
      aria-hidden="true"
    >
      {presence && presence !== "offline" ? <span className={`presence-dot presence-${presence}`} /> : null}
    </span>
  );
}
