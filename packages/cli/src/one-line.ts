// A text of several lines as one, for a terminal or a log. Linear: the text may hold whatever a message said.

/** @param joint stands for each break and the blanks around it */
export function oneLine(text: string, joint: string): string {
  if (!text.includes('\n')) return text;
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '').join(joint);
}
