/** A fenced block of a page in Markdown. */
export interface Block {
  language: string;
  text: string;
  /** Line of its fence, from 1 on. */
  line: number;
  /** The test that runs it, where the comment before it names one: `<!-- run by FILE -->`. */
  runBy: string | null;
}

const FENCE = /^```(\w*)\s*$/;
const RUN_BY = /^<!-- run by (\S+) -->$/;

/** The fenced blocks of a page, in order. */
export function blocksOf(page: string): Block[] {
  const lines = page.split('\n');
  const blocks: Block[] = [];
  let open: { language: string; line: number; runBy: string | null; text: string[] } | null = null;
  for (const [index, line] of lines.entries()) {
    const fence = FENCE.exec(line);
    if (open === null && fence) {
      const before = lines.slice(0, index).findLast((each) => each.trim() !== '') ?? '';
      open = { language: fence[1] ?? '', line: index + 1, runBy: RUN_BY.exec(before)?.[1] ?? null, text: [] };
    } else if (open !== null && line === '```') {
      blocks.push({ ...open, text: open.text.join('\n') });
      open = null;
    } else open?.text.push(line);
  }
  return blocks;
}
