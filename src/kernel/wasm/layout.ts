/**
 * Byte layout of everything in the WebAssembly memory, for both sides: TypeScript imports this file, and AssemblyScript
 * compiles it. So it holds plain numbers only. Fields are int32 unless they say otherwise.
 */

/** Shortest table row that needs no widening: 15 entries of at most 4,096 fit an unsigned 16-bit lane. */
export const GROUP_ROWS = 15;
/** Classes of one 128-bit vector of 16-bit lanes. */
export const LANES = 8;

// Fixed places, so that the code can name them.

/** Addresses of the slots, i32[MAX_SLOTS], 0 where none is open; address 0 itself stays unused. */
export const DIRECTORY_AT = 64;
export const MAX_SLOTS = 16384;
/**
 * i32[256][4], by the distances d + 16 d' of two classes from the maximum, sums of both: E[d], E[d+1], E[d-1] (0 at
 * d = 0), 1 at d = 0. At d = 15 all are 0.
 */
export const E_AT = 65600;
export const E_ENTRIES = 16;
export const E_ENTRY_BYTES = 16;
/**
 * u8[16] each, by distance: the 6 lowest bits of the step that the sum of E takes when a class is raised, and when it is
 * lowered; 0 at the maximum.
 */
export const RAISED_AT = 69696;
export const LOWERED_AT = 69712;
/** i16[32 * 4096 + 1] */
export const LN_AT = 69728;
/** i32[1025], 2^NEEDS_LOG2 steps: 4096 logit(i / 1024), rounded down; the smallest int32 for i = 0, the largest for the last. */
export const NEEDS_AT = 331876;
export const NEEDS_LOG2 = 10;
/** Where the allocator begins. */
export const HEAP_AT = 336000;

// Cell of sums of E that share their place in LN: u8[16] low bytes of its entries, then u8[16] high ones. Entry d: a
// class at distance d = 1 .. 8 is raised; SMALL_STEP: any step below 64; LOWERED_ENTRIES - d, modulo 16: a class at
// distance d = 1 .. 7 is lowered.
export const CELL_BYTES = 32;
export const SMALL_STEP = 9;
export const LOWERED_ENTRIES = 17;
/** First sum that has a cell, E[0], in places of LN. */
export const FIRST_CELL = 4096;
/** Bits of a high byte that belong to an entry. */
export const CELL_HIGH = 31;
/** An up entry is 1 more when the step carries into the next place. */
export const CELL_CARRY = 128;
/** A down entry is 1 more when the step borrows from the one before. */
export const CELL_BORROW = 64;

// Model: fixed for the life of a pool.
export const MODEL_FEATURES = 0;
export const MODEL_CLASSES = 4;
/** First class that carries weights: 1 with a pinned class 0, else 0. */
export const MODEL_FIRST_CLASS = 8;
/** 1 when sweeps have row moves. */
export const MODEL_ROW_MOVES = 12;
/** Neighbour pairs that are swapped; 0 without swap moves. */
export const MODEL_PAIRS = 16;
/** Sites of a sweep. */
export const MODEL_SITES = 20;
/** u8[D]: 1 for a feature lit in some row of the whole data set. */
export const MODEL_LIT = 24;
/** i32[pairs] each. */
export const MODEL_PAIR_FIRST = 28;
export const MODEL_PAIR_SECOND = 32;
/** i32[D K] */
export const MODEL_PRIOR = 36;
/** The seed's low and high 32 bits. */
export const MODEL_SEED_LOW = 40;
export const MODEL_SEED_HIGH = 44;
/** Bytes of an image's row, see `rowStride`. */
export const MODEL_STRIDE = 48;
/** Whether blocks are summed here, all features at once. */
export const MODEL_BLOCK_SUMS = 52;
/** Cells of the sums that so many classes can have. */
export const MODEL_CELLS = 56;
export const MODEL_BYTES = 64;

/** Never: native products do it. */
export const BLOCK_NEVER = 0;
/** Where it should be faster. */
export const BLOCK_CHOSEN = 1;
/** Wherever no row weighs more than 1: for tests. */
export const BLOCK_ALWAYS = 2;

/** Rows of a table that are summed together for all features of a block: some 128 KiB for 10 classes. */
export const SUM_TILE_ROWS = 2048;

// Shard: read only once it is added. Rows are in the shard's own order: light ones (of weight 1) first, heavy ones last.
export const SHARD_ROWS = 0;
export const SHARD_LIGHT_ROWS = 4;
/** The number it was added under. */
export const SHARD_NUMBER = 8;
/** Words of a bitmap. */
export const SHARD_WORDS = 12;
/** u32[2 D + 1]: where each feature's light rows, then its heavy ones, begin in SHARD_LISTS. */
export const SHARD_OFFSETS = 16;
/** u16[]: lit rows by feature, ascending. */
export const SHARD_LISTS = 20;
/** i32[D K]: sum of the weights of the lit rows by feature and class. */
export const SHARD_COUNTS = 24;
/** u8[rows] */
export const SHARD_LABELS = 28;
/** i32[rows] */
export const SHARD_WEIGHTS = 32;
/** u64[D][words]: the rows that each feature lights as bits, 64 rows a word. */
export const SHARD_BITMAPS = 36;
/** u32[4 pairs + 1]: the same for the rows lit in only the first, then in only the second feature of each pair. */
export const SHARD_PAIR_OFFSETS = 40;
/** u16[] */
export const SHARD_PAIR_LISTS = 44;
/** Different for every shard that the pool ever held. */
export const SHARD_SERIAL = 48;
/** Of a pool with dense columns, 0 else: f32[features][rows] for each tile of each block, one after the other. */
export const SHARD_DENSE = 52;
/** u64[blocks]: features of each block that have a dense column. */
export const SHARD_DENSE_MASKS = 56;
/** u64[blocks][rows]: the features of each block that a row lights. */
export const SHARD_BLOCK_BITS = 60;
/** u16[D][tiles]: light rows that each feature lights in each tile of SUM_TILE_ROWS rows. */
export const SHARD_TILE_COUNTS = 64;
export const SHARD_BYTES = 128;

// Slot: one chain's state over some shards.
export const SLOT_SEGMENTS = 0;
/** u8[D K], padded by 64 bytes. */
export const SLOT_WEIGHTS = 4;
/** u8[D] */
export const SLOT_OWNERS = 8;
export const SLOT_SELF = 12;
/** Entries of the last window's moves, and how many there are. */
export const SLOT_LOG = 16;
export const SLOT_LOG_LENGTH = 20;
/** Sweep and positions of the last window. */
export const SLOT_WINDOW_SWEEP = 24;
export const SLOT_WINDOW_FROM = 28;
export const SLOT_WINDOW_TO = 32;
/** f64[6]: proposed and accepted flips, rows, swaps. */
export const SLOT_COUNTS = 40;
/** f64: sum of deltas accepted here. */
export const SLOT_OWN_SUM = 88;
/** u64: features of a block whose sums lie in SLOT_BLOCK_SUMS and are kept current; 0 when there are none. */
export const SLOT_BLOCK_MASK = 96;
/** The block's number, and where it lies: a sweep, and the positions of the block in that sweep's plan. */
export const SLOT_BLOCK = 104;
export const SLOT_BLOCK_SWEEP = 108;
export const SLOT_BLOCK_FROM = 112;
export const SLOT_BLOCK_TO = 116;
/** i32[64][lanes]: a block's sums, `blockSumBytes` a feature. */
export const SLOT_BLOCK_SUMS = 120;
/** i32[blocks]: rows that changed when each block was last visited, -1 before. */
export const SLOT_CHANGED = 124;
/** [shard, rows] for each segment. */
export const SLOT_SEGMENT_LIST = 128;
export const SEGMENT_BYTES = 8;
export const SEGMENT_ROWS = 4;

// Log entry: position, site and flags, delta.
export const LOG_POSITION = 0;
export const LOG_SITE = 4;
export const LOG_FLAGS = 8;
export const LOG_DELTA = 12;
export const LOG_BYTES = 16;
/** The move was carried out. */
export const LOG_TAKEN = 1;
/** It was decided here, and counted. */
export const LOG_OWN = 2;
/** A shared swap whose bits were equal: refused whatever the coordinator says. */
export const LOG_CLOSED = 4;

// Thread: scratch of one thread.
/** 1 while a thread uses it. */
export const THREAD_CLAIMED = 0;
/** Two plans: the sweep (-1: none) and its sites i32[]. */
export const THREAD_PLAN_SWEEPS = 4;
export const THREAD_PLAN_SITES = 12;
/** i32[blocks + 1] for each plan. */
export const THREAD_BLOCK_STARTS = 20;
/** i32[] for the shuffles of a plan. */
export const THREAD_ORDER = 28;
/** i32[] partial deltas of a window. */
export const THREAD_PARTIALS = 32;
/** u8[]: guesses of a window, one bit each. */
export const THREAD_GUESS = 36;
/** Sums of table lanes over a feature's list, or over a pair's two, SUM_BYTES each. */
export const THREAD_SUMS = 40;
/** u16[BATCH_ROWS]: rows to rewrite; behind them the scratch of one row's rewriting. */
export const THREAD_BATCH = 44;
/** 64 rows worked out afresh. */
export const THREAD_ROWS = 48;
/** f64[] one a site: needs of a sweep; or i32[D K] deltas. */
export const THREAD_OUTPUT = 52;
/** u64[64]: features of a block that a sweep visits at or after each; then SAVED_ROWS rows' entries before a change. */
export const THREAD_TO_COME = 56;
/** f32[]: table rows of several slots side by side, or logits; 0 in a pool without dense columns. */
export const THREAD_TILE = 60;
/** Coarse rows, and before them what rounds their entries up, i16[64], and a pair's two sums; 0 without swaps. */
export const THREAD_COARSE = 64;
export const THREAD_BYTES = 128;

/** Sums of one list: 64 int32 lanes. */
export const SUM_BYTES = 256;
export const COARSE_SUMS_AT = 128;
/** One of the sums: 64 int32 lanes, and what summing 16 lanes at a time may write past them. */
export const COARSE_SUM_BYTES = 320;
export const COARSE_ROWS_AT = 768;
/** Most rows that get coarse ones. */
export const COARSE_ROWS = 65536;
/** Rows that are touched, rewritten and summed in one go, so that they stay in the first cache. */
export const BATCH_ROWS = 256;
export const SAVED_AT = 512;
export const SAVED_ROWS = 64;
export const SAVED_BYTES = 128;
/** 64 bytes for each row of a batch: distances, then places of pairs of distances in E, then totals of E. */
export const SCRATCH_BYTES = 16384;
