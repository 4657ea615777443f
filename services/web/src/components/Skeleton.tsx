interface SkeletonProps {
  /** Said once to those who cannot see the shapes. */
  label: string;
  rows: number;
  shape: "conversation" | "message";
}

export function Skeleton({ label, rows, shape }: SkeletonProps) {
  return (
    <div className={`skeleton skeleton-${shape}`} role="status">
      <span className="visually-hidden">{label}</span>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="skeleton-row" aria-hidden="true">
          <span className="skeleton-circle" />
          <span className="skeleton-lines">
            <span />
            <span />
          </span>
        </div>
      ))}
    </div>
  );
}
