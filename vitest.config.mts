import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { include: ['server/**/*.test.ts', 'client/view/*.test.ts', 'scripts/*.test.ts'], pool: 'threads', testTimeout: 60000 } });
