/** Changes when a coordinator and a worker of the two versions can't work together. */
export const PROTOCOL_VERSION = 1;
