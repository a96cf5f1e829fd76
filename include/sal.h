/*
 * Source annotations: they say something to Microsoft's analyzer and nothing to
 * the compilers here. The older lower-case ones (__in, __out) are left out: the
 * C++ library uses those names itself.
 */
#ifndef WBEM_SAL_H
#define WBEM_SAL_H

#define _In_
#define _In_opt_
#define _In_z_
#define _In_opt_z_
#define _In_reads_(size)
#define _In_reads_opt_(size)
#define _In_reads_z_(size)
#define _In_reads_opt_z_(size)
#define _In_reads_bytes_(size)
#define _In_reads_bytes_opt_(size)
#define _In_range_(low, high)
#define _Inout_
#define _Inout_opt_
#define _Inout_z_
#define _Inout_updates_(size)
#define _Inout_updates_opt_(size)
#define _Inout_updates_z_(size)
#define _Inout_updates_bytes_(size)
#define _Out_
#define _Out_opt_
#define _Out_writes_(size)
#define _Out_writes_opt_(size)
#define _Out_writes_z_(size)
#define _Out_writes_opt_z_(size)
#define _Out_writes_to_(size, count)
#define _Out_writes_bytes_(size)
#define _Out_writes_bytes_opt_(size)
#define _Out_writes_bytes_to_(size, count)
#define _Outptr_
#define _Outptr_opt_
#define _Outptr_result_maybenull_
#define _Outptr_opt_result_maybenull_
#define _COM_Outptr_
#define _COM_Outptr_opt_
#define _COM_Outptr_result_maybenull_
#define _COM_Outptr_opt_result_maybenull_
#define _Ret_maybenull_
#define _Ret_notnull_
#define _Ret_writes_(size)
#define _Reserved_
#define _Pre_
#define _Post_
#define _Pre_valid_
#define _Post_invalid_
#define _Post_ptr_invalid_
#define _Printf_format_string_
#define _Null_terminated_
#define _NullNull_terminated_
#define _Check_return_
#define _Must_inspect_result_
#define _Success_(expression)
#define _When_(expression, annotations)
#define _At_(target, annotations)
#define _Deref_out_
#define _Deref_out_opt_
#define _Use_decl_annotations_
#define _Field_size_(size)
#define _Field_size_opt_(size)
#define _Field_size_bytes_(size)
#define _Field_z_
#define _Frees_ptr_
#define _Frees_ptr_opt_
#define _IRQL_requires_max_(level)
#define _Acquires_lock_(lock)
#define _Releases_lock_(lock)
#define _Requires_lock_held_(lock)
#define _Guarded_by_(lock)
#define _Analysis_assume_(expression) ((void)0)

#endif
