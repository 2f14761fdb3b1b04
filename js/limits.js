// The limits of cpp/base/size_limits.h that JavaScript keeps as well: a test compares them. In bytes, or how many.
// Import all as LIMITS: a bundle has only those that it uses.

export const url = 8 * 1024;
export const token = 16 * 1024;
export const realms = 100_000;
export const hosts = 10_000;
export const message = 4 * 1024 * 1024;
