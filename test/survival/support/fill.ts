import { writeFileSync } from 'node:fs';

/** Writes to a file until its disk takes no more. */
export function fill(file: string): void {
  for (const bytes of [65_536, 4096, 512, 64, 1])
    try {
      for (;;) writeFileSync(file, Buffer.alloc(bytes), { flag: 'a' });
    } catch {
      // Full for pieces of this size.
    }
}
