/**
 * Numbers as types. A generic function is compiled once for each type it is called with, and an `if` on `offsetof<T>()`
 * (the bytes of T's fields) is decided then: so `N10` as a type argument is the number 10.
 */

@unmanaged export class N0 {}
@unmanaged export class N1 { a: u8 }
@unmanaged export class N2 extends N1 { b: u8 }
@unmanaged export class N3 extends N2 { c: u8 }
@unmanaged export class N4 extends N3 { d: u8 }
@unmanaged export class N5 extends N4 { e: u8 }
@unmanaged export class N6 extends N5 { f: u8 }
@unmanaged export class N7 extends N6 { g: u8 }
@unmanaged export class N8 extends N7 { h: u8 }
@unmanaged export class N9 extends N8 { i: u8 }
@unmanaged export class N10 extends N9 { j: u8 }
@unmanaged export class N11 extends N10 { k: u8 }
@unmanaged export class N12 extends N11 { l: u8 }
@unmanaged export class N13 extends N12 { m: u8 }
@unmanaged export class N14 extends N13 { n: u8 }
@unmanaged export class N15 extends N14 { o: u8 }
@unmanaged export class N16 extends N15 { p: u8 }
@unmanaged export class N17 extends N16 { q: u8 }
@unmanaged export class N18 extends N17 { r: u8 }
@unmanaged export class N19 extends N18 { s: u8 }
@unmanaged export class N20 extends N19 { t: u8 }
@unmanaged export class N21 extends N20 { u: u8 }
@unmanaged export class N22 extends N21 { v: u8 }
@unmanaged export class N23 extends N22 { w: u8 }
@unmanaged export class N24 extends N23 { x: u8 }
@unmanaged export class N25 extends N24 { y: u8 }
@unmanaged export class N26 extends N25 { z: u8 }
@unmanaged export class N27 extends N26 { a1: u8 }
@unmanaged export class N28 extends N27 { b1: u8 }
@unmanaged export class N29 extends N28 { c1: u8 }
@unmanaged export class N30 extends N29 { d1: u8 }
@unmanaged export class N31 extends N30 { e1: u8 }
@unmanaged export class N32 extends N31 { f1: u8 }
