/** Flags of the hub's own process, and its environment: how much memory it takes. */
export declare function memoryFlags(): readonly string[]
export declare function memoryEnv(): NodeJS.ProcessEnv
