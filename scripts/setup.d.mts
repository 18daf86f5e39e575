/** Flags of the hub's own process, and its environment: how much memory it takes. */
export declare function memoryFlags(): readonly string[]
export declare function memoryEnv(): NodeJS.ProcessEnv
/** Compiles the hub's sources (or those of another project) when they changed; false when that could not be done. */
export declare function ensureBuild(what?: {
  readonly project?: string
  readonly folders?: readonly string[]
  readonly to?: string
}): Promise<boolean>
