/** What a kernel refuses with, by name: `EEXIST`. No errno: it is done. */
export type Errno = string;
