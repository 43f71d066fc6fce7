//! Messages, clients and servers as the compiler of the protocol writes them. Their documentation is the protocol's.

/// Types that Google's API design guide gives every API.
pub mod google {
    /// `google.type`.
    pub mod r#type {
        #![expect(clippy::doc_overindented_list_items, reason = "the comments are Google's")]
        #![expect(
            rustdoc::broken_intra_doc_links,
            rustdoc::invalid_rust_codeblocks,
            reason = "the comments are Google's"
        )]
        include!(concat!(env!("OUT_DIR"), "/google.r#type.rs"));
    }
}

/// Kvarter's own packages.
pub mod kvarter {
    /// `kvarter.account`.
    pub mod account {
        /// `kvarter.account.v1`.
        pub mod v1 {
            #![expect(unused_qualifications, reason = "compiled from the protocol")]
            #![expect(
                clippy::allow_attributes,
                clippy::allow_attributes_without_reason,
                reason = "compiled from the protocol"
            )]
            include!(concat!(env!("OUT_DIR"), "/kvarter.account.v1.rs"));
        }
    }
    /// `kvarter.admin`.
    pub mod admin {
        /// `kvarter.admin.v1`.
        pub mod v1 {
            #![expect(unused_qualifications, reason = "compiled from the protocol")]
            #![expect(
                clippy::allow_attributes,
                clippy::allow_attributes_without_reason,
                reason = "compiled from the protocol"
            )]
            include!(concat!(env!("OUT_DIR"), "/kvarter.admin.v1.rs"));
        }
    }
    /// `kvarter.catalog`.
    pub mod catalog {
        /// `kvarter.catalog.v1`.
        pub mod v1 {
            #![expect(unused_qualifications, reason = "compiled from the protocol")]
            #![expect(
                clippy::allow_attributes,
                clippy::allow_attributes_without_reason,
                reason = "compiled from the protocol"
            )]
            include!(concat!(env!("OUT_DIR"), "/kvarter.catalog.v1.rs"));
        }
    }
    /// `kvarter.charging`.
    pub mod charging {
        /// `kvarter.charging.v1`.
        pub mod v1 {
            #![expect(unused_qualifications, reason = "compiled from the protocol")]
            #![expect(
                clippy::allow_attributes,
                clippy::allow_attributes_without_reason,
                reason = "compiled from the protocol"
            )]
            include!(concat!(env!("OUT_DIR"), "/kvarter.charging.v1.rs"));
        }
    }
    /// `kvarter.cluster`.
    pub mod cluster {
        /// `kvarter.cluster.v1`.
        pub mod v1 {
            #![expect(unused_qualifications, reason = "compiled from the protocol")]
            #![expect(
                clippy::allow_attributes,
                clippy::allow_attributes_without_reason,
                reason = "compiled from the protocol"
            )]
            include!(concat!(env!("OUT_DIR"), "/kvarter.cluster.v1.rs"));
        }
    }
    /// `kvarter.directory`.
    pub mod directory {
        /// `kvarter.directory.v1`.
        pub mod v1 {
            #![expect(unused_qualifications, reason = "compiled from the protocol")]
            #![expect(
                clippy::allow_attributes,
                clippy::allow_attributes_without_reason,
                reason = "compiled from the protocol"
            )]
            include!(concat!(env!("OUT_DIR"), "/kvarter.directory.v1.rs"));
        }
    }
    /// `kvarter.events`.
    pub mod events {
        /// `kvarter.events.v1`.
        pub mod v1 {
            #![expect(unused_qualifications, reason = "compiled from the protocol")]
            #![expect(
                clippy::allow_attributes,
                clippy::allow_attributes_without_reason,
                reason = "compiled from the protocol"
            )]
            include!(concat!(env!("OUT_DIR"), "/kvarter.events.v1.rs"));
        }
    }
    /// `kvarter.invoicing`.
    pub mod invoicing {
        /// `kvarter.invoicing.v1`.
        pub mod v1 {
            #![expect(unused_qualifications, reason = "compiled from the protocol")]
            #![expect(
                clippy::allow_attributes,
                clippy::allow_attributes_without_reason,
                reason = "compiled from the protocol"
            )]
            include!(concat!(env!("OUT_DIR"), "/kvarter.invoicing.v1.rs"));
        }
    }
    /// `kvarter.metering`.
    pub mod metering {
        /// `kvarter.metering.v1`.
        pub mod v1 {
            #![expect(unused_qualifications, reason = "compiled from the protocol")]
            #![expect(
                clippy::allow_attributes,
                clippy::allow_attributes_without_reason,
                reason = "compiled from the protocol"
            )]
            include!(concat!(env!("OUT_DIR"), "/kvarter.metering.v1.rs"));
        }
    }
    /// `kvarter.node`.
    pub mod node {
        /// `kvarter.node.v1`.
        pub mod v1 {
            #![expect(unused_qualifications, reason = "compiled from the protocol")]
            #![expect(
                clippy::allow_attributes,
                clippy::allow_attributes_without_reason,
                reason = "compiled from the protocol"
            )]
            include!(concat!(env!("OUT_DIR"), "/kvarter.node.v1.rs"));
        }
    }
    /// `kvarter.roaming`.
    pub mod roaming {
        /// `kvarter.roaming.v1`.
        pub mod v1 {
            #![expect(unused_qualifications, reason = "compiled from the protocol")]
            #![expect(
                clippy::allow_attributes,
                clippy::allow_attributes_without_reason,
                reason = "compiled from the protocol"
            )]
            include!(concat!(env!("OUT_DIR"), "/kvarter.roaming.v1.rs"));
        }
    }
    /// `kvarter.storage`.
    pub mod storage {
        /// `kvarter.storage.v1`.
        pub mod v1 {
            #![expect(unused_qualifications, reason = "compiled from the protocol")]
            #![expect(
                clippy::allow_attributes,
                clippy::allow_attributes_without_reason,
                reason = "compiled from the protocol"
            )]
            include!(concat!(env!("OUT_DIR"), "/kvarter.storage.v1.rs"));
        }
    }
    /// `kvarter.store`.
    pub mod store {
        /// `kvarter.store.v1`.
        pub mod v1 {
            #![expect(
                clippy::large_enum_variant,
                reason = "a message lives as long as it takes to read or write it"
            )]
            include!(concat!(env!("OUT_DIR"), "/kvarter.store.v1.rs"));
        }
    }
    /// `kvarter.type`.
    pub mod r#type {
        /// `kvarter.type.v1`.
        pub mod v1 {
            include!(concat!(env!("OUT_DIR"), "/kvarter.r#type.v1.rs"));
        }
    }
}
