/** The room on a file system, in bytes; null where it isn't known. */
export interface Space {
  /** What this account may still write. */
  free_bytes: number | null;
  total_bytes: number | null;
}

/** The payload of `B/host` (contract, section 4). Null is what isn't known. */
export interface HostFigures {
  /** Share of all CPUs that was busy since the figures before these, one decimal; null at first. */
  cpu_percent: number | null;
  /** Over 1, 5 and 15 minutes. */
  load: [number, number, number];
  /** Without what the system would give back at once (caches). */
  memory_used_mib: number | null;
  memory_total_mib: number | null;
  disks: DiskFigures[];
}

export interface DiskFigures extends Space {
  role: string;
  path: string;
}
