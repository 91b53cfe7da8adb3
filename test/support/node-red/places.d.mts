export function kitDir(): string;
export function chromium(): string;
