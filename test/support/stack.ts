import 'vitest';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Environment of the stack that all tests of a run share. */
    stackEnv: Record<string, string>;
    stackDir: string;
  }
}
