// The limits of cpp/base/size_limits.h that JavaScript also keeps. A test compares them. Each is in bytes, or a count.
// Import all of them as LIMITS: a bundle contains only those that it uses.

export const url = 8 * 1024;
export const token = 16 * 1024;
export const realms = 100_000;
export const hosts = 10_000;
export const message = 4 * 1024 * 1024;
