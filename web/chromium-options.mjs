/**
 * The options with which this repository starts Chromium: headless, without background traffic, which would spoil
 * measurements, and without its sandbox, which needs privileges that containers lack.
 * @returns {import('playwright-core').LaunchOptions}
 */
export function chromiumOptions() {
  return {
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  };
}
