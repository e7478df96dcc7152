package io.calco.fs;

/// A name in a directory.
///
/// @param name one path component
/// @param inode the file's number
/// @param type the file's kind
public record DirectoryEntry(String name, long inode, FileType type) {}
