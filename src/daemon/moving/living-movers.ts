import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { processFiles } from '../../process/files.ts';
import { isLiving } from '../../process/find.ts';
import { readWrapperClaim, type WrapperClaim } from '../../process/wrapper-claim.ts';
import { transferDirectory, transfersDirectory } from './paths.ts';

/** A process that moves a plot, and the transfer that it is of. */
export interface LivingMover {
  transfer: string;
  pid: number;
}

/** The movers that run and have their files in this data directory, whatever the state says. Never throws. */
export function livingMovers(dataDir: string): LivingMover[] {
  const living: LivingMover[] = [];
  for (const transfer of namesIn(transfersDirectory(dataDir))) {
    const directory = transferDirectory(dataDir, transfer);
    for (const name of namesIn(directory)) {
      const claim = claimOf(processFiles(join(directory, name), 'move').claim);
      if (claim !== null && isLiving(claim)) living.push({ transfer, pid: claim.pid });
    }
  }
  return living;
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function claimOf(file: string): WrapperClaim | null {
  try {
    const found = readWrapperClaim(file);
    return typeof found === 'string' ? null : found;
  } catch {
    return null;
  }
}
