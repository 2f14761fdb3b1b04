/** The limits of cpp/base/size_limits.h that JavaScript keeps as well: a test compares them. In bytes, or how many. */
export const LIMITS = { url: 8 * 1024, token: 16 * 1024, realms: 100_000, hosts: 10_000, message: 4 * 1024 * 1024 };
